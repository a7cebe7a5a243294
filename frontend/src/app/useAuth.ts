import { useStore } from "zustand";
import { auth } from "../net/auth.ts";

export function useAuth() {
  return useStore(auth.store);
}
