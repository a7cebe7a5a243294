import { Button, Group, NativeSelect, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { grantRole, permissionsQuery, type Role } from "./catalogue.ts";

const ROLES = [
  { value: "viewer", label: "Viewer: sees the data" },
  { value: "editor", label: "Editor: also imports versions" },
  { value: "owner", label: "Owner: also shares and deletes" },
];

export function GrantForm({ slug }: { slug: string }) {
  const client = useQueryClient();
  const form = useForm<{ email: string; role: Role }>({
    initialValues: { email: "", role: "viewer" },
    validate: { email: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : "Enter an e-mail address") },
  });
  const { mutate, isPending, error } = useMutation({
    mutationFn: (values: { email: string; role: Role }) => grantRole(slug, values.email.trim(), values.role),
    onSuccess: () => {
      form.reset();
      return client.invalidateQueries({ queryKey: permissionsQuery(slug).queryKey });
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => mutate(values))} noValidate>
      <Group align="flex-start" gap="xs" mb="md">
        <TextInput
          {...form.getInputProps("email")}
          label="Share with"
          placeholder="name@example.org"
          type="email"
          w={260}
        />
        <NativeSelect {...form.getInputProps("role")} label="Role" data={ROLES} />
        <Button type="submit" mt={23} variant="default" loading={isPending}>
          Share
        </Button>
      </Group>
      {error && <ErrorNotice error={error} />}
    </form>
  );
}
