import { Alert } from "@mantine/core";

/** Browsers keep our session cookie only over TLS or on this computer itself. */
export function InsecureNotice() {
  return (
    <Alert role="note" color="yellow" title="This address has no encryption">
      Your password would cross the network readable, and the browser will not keep you signed in. Open
      Halftone by its https:// address, or at http://localhost on the computer that runs it.
    </Alert>
  );
}
