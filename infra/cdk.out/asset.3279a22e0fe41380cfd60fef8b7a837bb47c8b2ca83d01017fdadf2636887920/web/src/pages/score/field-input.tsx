import { Autocomplete, NumberInput, Select, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ApplicationField } from '../../contract.ts';

type Props = {
  readonly field: ApplicationField;
  readonly value: string;
  readonly currency: string;
  readonly error: string | undefined;
  readonly suggestions: readonly string[];
  readonly onChange: (value: string) => void;
};

/** The input that fits the type of a field. */
export function FieldInput({ field, value, currency, error, suggestions, onChange }: Props): ReactNode {
  const common = {
    size: 'xs' as const,
    name: field.name,
    label: field.title,
    description: field.description ?? undefined,
    withAsterisk: field.required,
    error,
  };
  const typed = (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value);
  if (field.values !== null) {
    return (
      <Select
        {...common}
        data={[...field.values]}
        value={value || null}
        clearable
        searchable
        onChange={(next) => onChange(next ?? '')}
      />
    );
  }
  switch (field.type) {
    case 'boolean':
      return (
        <Select
          {...common}
          data={[
            { value: 'true', label: 'Yes' },
            { value: 'false', label: 'No' },
          ]}
          value={value || null}
          clearable
          onChange={(next) => onChange(next ?? '')}
        />
      );
    case 'integer':
    case 'number':
    case 'money':
      return (
        <NumberInput
          {...common}
          value={value}
          hideControls
          thousandSeparator=","
          allowDecimal={field.type !== 'integer'}
          prefix={field.type === 'money' ? `${currency} ` : ''}
          onChange={(next) => onChange(String(next))}
        />
      );
    case 'date':
      return <TextInput {...common} type="date" value={value} onChange={typed} />;
    case 'timestamp':
      return <TextInput {...common} type="datetime-local" step={1} value={value} onChange={typed} />;
    case 'text':
      return suggestions.length > 0 ? (
        <Autocomplete {...common} data={[...suggestions]} value={value} limit={20} onChange={onChange} />
      ) : (
        <TextInput {...common} value={value} onChange={typed} />
      );
  }
}
