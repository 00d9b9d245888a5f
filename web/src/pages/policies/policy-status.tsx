import { Badge } from '@mantine/core';
import type { PolicyStatusDto } from '../../contract.ts';
import { toWords } from '../../format/index.ts';

const COLORS: Readonly<Record<PolicyStatusDto, string>> = {
  live: 'teal',
  shadow: 'indigo',
  draft: 'yellow',
  retired: 'gray',
  rejected: 'red',
};

export function PolicyStatus({ status }: { readonly status: PolicyStatusDto }) {
  return (
    <Badge variant="light" color={COLORS[status]} radius="sm" tt="none">
      {toWords(status)}
    </Badge>
  );
}
