import { QueryClient } from "@tanstack/react-query";
import { onTokenChange } from "../net/rest/auth.ts";
import { ApiError } from "../net/rest/errors.ts";

const RETRIES = 2;

/** Only missing responses and overload are worth another try. */
export function worthRetrying(failures: number, error: unknown): boolean {
  if (failures >= RETRIES || !(error instanceof ApiError)) return false;
  return error.status === 0 || error.status >= 502 || error.status === 429;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: worthRetrying,
      retryDelay: (failures, error) =>
        Math.max(error instanceof ApiError ? error.retryAfterMs : 0, 500 * 2 ** failures),
      staleTime: 5_000,
    },
  },
});

// The next user of this tab must not see cached data of this one.
onTokenChange((token) => {
  if (token === null) queryClient.clear();
});
