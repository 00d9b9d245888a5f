import { Anchor, Button, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { ComponentProps } from 'react';

/** Mantine's look with the router's typed addresses. Both are links to the browser, whatever they look like. */
export const LinkAnchor = createLink(Anchor<'a'>);
export const LinkButton = createLink(ButtonLink);

function ButtonLink(props: ButtonProps & Omit<ComponentProps<'a'>, keyof ButtonProps>) {
  return <Button component="a" {...props} />;
}
