import type { JsonValue } from "@bufbuild/protobuf";
import { NativeSelect, NumberInput, Switch, TextInput } from "@mantine/core";
import { type ReactNode, useMemo } from "react";
import { useStore } from "zustand";
import classes from "../explore.module.css";
import type { Exploration } from "../state/exploration.ts";
import { axisOptions } from "../../../model/quantity.ts";
import { type Choice, type Field, fieldsOf, type KindSchema } from "../state/schema.ts";

/** The form of a kind, made from its JSON Schema, and what belongs below it; errors of the server are shown at their field. */
export function KindForm({ exploration, children }: { exploration: Exploration; children?: ReactNode }) {
  const { session, kinds } = exploration;
  const kind = useStore(session.store, (state) => state.kind);
  const columns = useStore(session.store, (state) => state.columns);
  const options = useStore(session.store, (state) => state.options);
  const error = useStore(session.store, (state) => state.error);
  const note = useStore(exploration.note, (state) => state.text);
  const viewAxes = useStore(session.store, (state) => state.picture?.axes ?? state.axes);
  const fields = useMemo(() => {
    const names = Object.keys(kinds[kind]?.properties ?? {});
    return fieldsOf(kinds[kind], columns, axisOptions(names, options, viewAxes));
  }, [kinds, kind, columns, options, viewAxes]);
  // Kinds without a second axis come last, whatever their order.
  const choices = Object.entries(kinds)
    .toSorted(([, a], [, b]) => Number(isFlat(a)) - Number(isFlat(b)))
    .map(([value, schema]) => ({ value, label: schema.title ?? value }));
  return (
    <form className={classes.group} aria-label="View" onSubmit={(event) => event.preventDefault()}>
      <NativeSelect
        label="Kind"
        size="xs"
        className={classes.field ?? ""}
        data={choices}
        value={kind}
        onChange={(event) => exploration.changeKind(event.currentTarget.value)}
      />
      {fields.map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          value={options[field.name]}
          error={error?.field === field.name ? error.detail : null}
          onChange={(value) => exploration.changeOption(field.name, value)}
        />
      ))}
      {children}
      <p className={classes.hint} role="status">
        {note}
      </p>
    </form>
  );
}

function isFlat(schema: KindSchema): boolean {
  return (schema["x-halftone-renderer"] ?? "grid") !== "grid";
}

interface FieldProps {
  field: Field;
  value: JsonValue | undefined;
  error: string | null;
  onChange: (value: JsonValue | undefined) => void;
}

function FieldInput(props: FieldProps) {
  const { field, value, onChange } = props;
  const common = commonProps(props);
  switch (field.input) {
    case "choice":
      return <ChoiceInput {...props} choices={field.choices} empty={field.empty} />;
    case "number":
      return (
        <NumberInput
          {...common}
          {...(field.min !== undefined && { min: field.min })}
          {...(field.max !== undefined && { max: field.max })}
          value={typeof value === "number" ? value : ""}
          onChange={(next) => onChange(typeof next === "number" ? next : undefined)}
        />
      );
    case "switch":
      return (
        <Switch
          {...common}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "text":
      return (
        <TextInput
          {...common}
          value={typeof value === "string" ? value : ""}
          onChange={(event) => onChange(event.currentTarget.value || undefined)}
        />
      );
  }
}

function commonProps({ field, error }: FieldProps) {
  const { label, help: title, name } = field;
  return { label, title, name, error, size: "xs" as const, className: classes.field ?? "" };
}

type ChoiceProps = FieldProps & { choices: readonly Choice[]; empty: boolean };

function ChoiceInput({ choices, empty, ...props }: ChoiceProps) {
  const text = typeof props.value === "string" ? props.value : "";
  const none = empty || text === "" ? [{ value: "", label: "—" }] : [];
  // A link may name a column that the dataset lacks: it stays visible beside the server's error.
  const known = text === "" || choices.some((choice) => choice.value === text);
  const unknown = known ? [] : [{ value: text, label: text }];
  return (
    <NativeSelect
      {...commonProps(props)}
      data={[...none, ...unknown, ...choices]}
      value={text}
      onChange={(event) => props.onChange(event.currentTarget.value || undefined)}
    />
  );
}
