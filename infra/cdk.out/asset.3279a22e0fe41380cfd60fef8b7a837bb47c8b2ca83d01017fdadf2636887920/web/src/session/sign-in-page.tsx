import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useRouter, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { toProblem } from '../http/problem-error.ts';
import { useSignIn } from '../queries/sign-in.ts';
import { Logo } from '../shell/logo.tsx';
import { safeRedirect } from './safe-redirect.ts';
import classes from './sign-in-page.module.css';

export function SignInPage() {
  const { redirect, expired } = useSearch({ from: '/sign-in' });
  const router = useRouter();
  const signIn = useSignIn();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  useEffect(() => {
    document.title = 'Sign in · Assay';
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ username, password }, { onSuccess: () => router.history.push(safeRedirect(redirect)) });
  };
  return (
    <main className={classes['page']}>
      <form className={classes['form']} onSubmit={submit}>
        <div className={classes['brand']}>
          <Logo size={34} />
          <div>
            <h1>Assay</h1>
            <p>Credit risk, from events to decisions</p>
          </div>
        </div>
        {expired && !signIn.isError ? (
          <p role="status" className={classes['notice']}>
            Your session has ended. Sign in to return to where you were.
          </p>
        ) : null}
        <TextInput
          label="User name"
          name="username"
          autoComplete="username"
          autoFocus
          required
          withAsterisk={false}
          maxLength={100}
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          maxLength={200}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {signIn.isError ? (
          <p role="alert" className={classes['error']}>
            {toProblem(signIn.error).detail}
          </p>
        ) : null}
        <Button type="submit" fullWidth loading={signIn.isPending}>
          Sign in
        </Button>
      </form>
    </main>
  );
}
