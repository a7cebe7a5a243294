import "@mantine/notifications/styles.css";
import { Notifications } from "@mantine/notifications";

/** The corner in which notices appear; see ui/notify.ts. */
export function Notices() {
  return <Notifications position="bottom-right" />;
}
