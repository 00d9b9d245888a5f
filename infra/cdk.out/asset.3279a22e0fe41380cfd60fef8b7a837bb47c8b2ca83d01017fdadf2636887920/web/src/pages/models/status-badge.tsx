import { Badge } from '@mantine/core';
import type { ModelRow } from '../../contract.ts';
import { toWords } from '../../format/index.ts';

export function StatusBadge({ status }: { readonly status: ModelRow['status'] }) {
  const champion = status === 'champion';
  return (
    <Badge
      size="sm"
      radius="sm"
      variant={champion ? 'filled' : 'default'}
      tt="none"
      style={{ maxWidth: 'none' }}
      styles={{ label: { overflow: 'visible' } }}
    >
      {toWords(status)}
    </Badge>
  );
}
