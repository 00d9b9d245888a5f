import { ActionIcon, Tooltip, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';

const NEXT = { light: 'dark', dark: 'auto', auto: 'light' } as const;
const LABELS = { light: 'Light', dark: 'Dark', auto: 'As the system' } as const;
const ICONS = { light: IconSun, dark: IconMoon, auto: IconDeviceDesktop } as const;

/** Light, dark, or as the system has it. */
export function SchemeSwitch() {
  // Keeping transitions: to switch them off Mantine would inject a `<style>`, which the security policy forbids.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const Icon = ICONS[colorScheme];
  const label = `Colours: ${LABELS[colorScheme].toLowerCase()}. Switch to ${LABELS[NEXT[colorScheme]].toLowerCase()}`;
  return (
    <Tooltip label={label} position="right">
      <ActionIcon
        variant="transparent"
        c="inherit"
        aria-label={label}
        onClick={() => setColorScheme(NEXT[colorScheme])}
      >
        <Icon size={18} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  );
}
