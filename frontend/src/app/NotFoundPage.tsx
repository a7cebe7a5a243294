import { Anchor, Container, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import { useTitle } from "../ui/useTitle.ts";

export function NotFoundPage() {
  useTitle("Not found");
  return (
    <Container size="sm" py="xl">
      <Title order={1} mb="xs">
        There is nothing here
      </Title>
      <Text c="dimmed" mb="md">
        The page does not exist, was removed, or is not shared with you.
      </Text>
      <Anchor component={Link} to="/datasets">
        Go to the datasets
      </Anchor>
    </Container>
  );
}
