import { IconUserPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { LinkButton } from '../../layout/index.ts';
import { useMay } from '../../session/use-may.ts';

type Props = {
  readonly search?: { readonly decision?: string; readonly borrower?: string };
  readonly icon?: ReactNode;
  readonly main?: boolean;
  readonly children: ReactNode;
};

/** The way to the scoring form, for those whose role may score. */
export function ScoreLink({ search = {}, icon = <IconUserPlus size={15} />, main = false, children }: Props) {
  if (!useMay('createScores')) return null;
  return (
    <LinkButton to="/score" search={search} size="xs" variant={main ? 'filled' : 'default'} leftSection={icon}>
      {children}
    </LinkButton>
  );
}
