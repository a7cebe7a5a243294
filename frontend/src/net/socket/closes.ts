/** What the client does after the end of a socket; the codes are listed in docs/protocol.md. */
export type AfterClose =
  { action: "retry" } | { action: "renew-token" } | { action: "wait" } | { action: "stop"; reason: string };

export function afterClose(code: number): AfterClose {
  switch (code) {
    case 4401:
      return { action: "renew-token" };
    case 4403:
      return { action: "stop", reason: "Access to this connection was refused or withdrawn." };
    case 4400:
      return {
        action: "stop",
        reason: "The server did not understand this page. Reload it to get the newest release.",
      };
    case 4429:
      return { action: "wait" };
    default:
      return { action: "retry" };
  }
}
