import { ActionIcon, Table, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { RowsSkeleton } from "../../ui/RowsSkeleton.tsx";
import { TableFrame } from "../../ui/TableFrame.tsx";
import { permissionsQuery, removePermission, type Dataset, type Permission } from "./catalogue.ts";
import { GrantForm } from "./GrantForm.tsx";

export function AccessTab({ dataset }: { dataset: Dataset }) {
  const isOwner = dataset.role === "owner";
  const { data, error, refetch } = useQuery({ ...permissionsQuery(dataset.slug), enabled: isOwner });
  if (!isOwner) {
    return (
      <Text>
        You are {dataset.role === "editor" ? "an editor" : "a viewer"} of this dataset. Its owner,{" "}
        {dataset.owner.name || dataset.owner.email}, decides who else may see it.
      </Text>
    );
  }
  if (!data)
    return error ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <RowsSkeleton rows={3} />;
  return (
    <>
      <GrantForm slug={dataset.slug} />
      <TableFrame label="People with access">
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Who</Table.Th>
              <Table.Th>Role</Table.Th>
              <Table.Th>
                <span className="visually-hidden">Actions</span>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.map((permission) => (
              <PermissionRow key={permission.id} slug={dataset.slug} permission={permission} />
            ))}
          </Table.Tbody>
        </Table>
      </TableFrame>
    </>
  );
}

function PermissionRow({ slug, permission }: { slug: string; permission: Permission }) {
  const client = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => removePermission(slug, permission.id),
    onSettled: () => client.invalidateQueries({ queryKey: permissionsQuery(slug).queryKey }),
  });
  const who = permission.user ?? `group ${permission.group ?? ""}`;
  return (
    <Table.Tr>
      <Table.Td>
        {who}
        {error && <ErrorNotice error={error} />}
      </Table.Td>
      <Table.Td>{permission.role}</Table.Td>
      <Table.Td className="numeric">
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Remove the access of ${who}`}
          loading={isPending}
          onClick={() => mutate()}
        >
          <IconX size={16} />
        </ActionIcon>
      </Table.Td>
    </Table.Tr>
  );
}
