export function getAccessToken(): Promise<string> {
  return Promise.reject(new Error("not signed in"));
}

export function onTokenChange(callback: (token: string | null) => void): () => void {
  void callback;
  return () => undefined;
}
