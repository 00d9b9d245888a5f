import { createTheme } from '@mantine/core';

/**
 * Colours, fonts and radii live in theme.css as the variables that Mantine reads: Mantine would otherwise inject them as a
 * `<style>` element, which the content security policy forbids.
 */
export const theme = createTheme({ cursorType: 'pointer', respectReducedMotion: true });
