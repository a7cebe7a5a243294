import { useStore } from "zustand";
import { auth } from "../../net/rest/auth.ts";

export function useAuth() {
  return useStore(auth.store);
}
