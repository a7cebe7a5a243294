import type { NotificationData } from "@mantine/notifications";

/** Shows a notice in the corner. Loaded when there is one to show: most visits have none. */
export async function notify(data: NotificationData): Promise<void> {
  const { notifications } = await import("@mantine/notifications");
  notifications.show(data);
}

export async function hideNotice(id: string): Promise<void> {
  const { notifications } = await import("@mantine/notifications");
  notifications.hide(id);
}
