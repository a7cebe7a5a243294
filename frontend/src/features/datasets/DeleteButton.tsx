import { Button, Group } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { hideNotice, notify } from "../../ui/notify.ts";
import { errorWords } from "../../ui/error-words.ts";
import { deleteDataset, restoreDataset, type Dataset } from "./catalogue.ts";

const UNDO_MS = 10_000;

/** Deletes at once and offers to undo it. */
export function DeleteButton({ dataset }: { dataset: Dataset }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const refresh = () => client.invalidateQueries({ queryKey: ["datasets"] });
  const undo = async () => {
    void hideNotice(dataset.id);
    try {
      await restoreDataset(dataset.slug);
      await refresh();
      await navigate(`/d/${dataset.slug}`);
    } catch (error) {
      showFailure(`${dataset.title} could not be restored`, error);
    }
  };
  const { mutate, isPending } = useMutation({
    mutationFn: () => deleteDataset(dataset.slug),
    onSuccess: async () => {
      client.removeQueries({ queryKey: ["dataset", dataset.slug] });
      await navigate("/datasets");
      await refresh();
      showDeleted(dataset, () => void undo());
    },
    onError: (error) => showFailure(`${dataset.title} was not deleted`, error),
  });
  return (
    <Button
      variant="default"
      leftSection={<IconTrash size={16} />}
      loading={isPending}
      onClick={() => mutate()}
      aria-label={`Delete ${dataset.title}`}
    >
      Delete
    </Button>
  );
}

function showDeleted(dataset: Dataset, onUndo: () => void): void {
  void notify({
    id: dataset.id,
    color: "gray",
    autoClose: UNDO_MS,
    title: `Deleted ${dataset.title}`,
    message: <UndoMessage onUndo={onUndo} />,
  });
}

function UndoMessage({ onUndo }: { onUndo: () => void }) {
  return (
    <Group justify="space-between">
      Its data is deleted for good in a few minutes.
      <Button size="compact-sm" variant="default" onClick={onUndo}>
        Undo
      </Button>
    </Group>
  );
}

function showFailure(title: string, error: unknown): void {
  const words = errorWords(error);
  void notify({ color: "red", title, message: `${words.title}. ${words.advice}` });
}
