/** Only paths of this app: an address from outside must not decide where a signed-in person lands. */
export function safeRedirect(target: string | undefined): string {
  return target !== undefined && /^\/(?![/\\])/.test(target) ? target : '/';
}
