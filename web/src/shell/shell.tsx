import { ActionIcon, Burger, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconLogout } from '@tabler/icons-react';
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import type { Session } from '../contract.ts';
import { ROLE_LABELS } from '../format/index.ts';
import { usePortfolio } from '../queries/portfolio.ts';
import { useSession } from '../queries/session.ts';
import { useSignOut } from '../queries/sign-out.ts';
import { useSessionExpiry } from '../session/use-session-expiry.ts';
import { Logo } from './logo.tsx';
import { NAV, type NavGroup } from './nav.ts';
import { SchemeSwitch } from './scheme-switch.tsx';
import classes from './shell.module.css';

/** The frame around every page: navigation, who is signed in, the page itself. */
export function Shell() {
  const { data: session } = useSession();
  const [open, { toggle, close }] = useDisclosure(false);
  useSessionExpiry(session?.expiresAt);
  return (
    <div className={classes['shell']}>
      <a href="#content" className={classes['skip']}>
        Skip to the content
      </a>
      <aside className={classes['side']}>
        <div className={classes['sidebar']} data-open={open || undefined}>
          <div className={classes['brand']}>
            <Link to="/" className={classes['brandLink']} onClick={close}>
              <Logo />
              <span>Assay</span>
            </Link>
            <Burger
              className={classes['burger']}
              opened={open}
              onClick={toggle}
              size="sm"
              color="white"
              aria-label={open ? 'Close the navigation' : 'Open the navigation'}
              aria-expanded={open}
            />
          </div>
          <div className={classes['drawer']}>
            <BookName />
            <nav aria-label="Pages">
              {NAV.map((group) => (
                <Group key={group.label} group={group} session={session} onFollow={close} />
              ))}
            </nav>
            {session === undefined ? null : <Person session={session} />}
          </div>
        </div>
      </aside>
      <main id="content" className={classes['main']} tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}

type GroupProps = {
  readonly group: NavGroup;
  readonly session: Session | undefined;
  readonly onFollow: () => void;
};

function Group({ group: { label, items }, session, onFollow }: GroupProps) {
  const allowed = items.filter(({ needs }) => needs.some((id) => session?.permissions.includes(id)));
  if (allowed.length === 0) return null;
  return (
    <>
      {label === null ? null : <p className={classes['group']}>{label}</p>}
      <ul className={classes['nav']} aria-label={label ?? undefined}>
        {allowed.map(({ to, label: name, icon: Icon }) => (
          <li key={to}>
            <Link
              to={to}
              className={classes['link']}
              activeOptions={{ exact: to === '/', includeSearch: false }}
              onClick={onFollow}
            >
              <Icon size={16} stroke={1.6} aria-hidden />
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

function BookName() {
  const { data } = usePortfolio();
  return <p className={classes['book']}>{data?.title ?? ' '}</p>;
}

function Person({ session }: { readonly session: Session }) {
  const signOut = useSignOut();
  const navigate = useNavigate();
  const leave = () => signOut.mutate(undefined, { onSettled: () => void navigate({ to: '/sign-in' }) });
  return (
    <div className={classes['person']}>
      <div className={classes['who']}>
        <strong>{session.user.displayName}</strong>
        <span>{ROLE_LABELS[session.user.role]}</span>
      </div>
      <SchemeSwitch />
      <Tooltip label="Sign out" position="right">
        <ActionIcon variant="transparent" c="inherit" aria-label="Sign out" loading={signOut.isPending} onClick={leave}>
          <IconLogout size={18} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
