/** Asked to stop once, or more than once: `polite` in order, `now` at once. Asking again does no harm. */
export function stopSwitch() {
  let polite: () => void = () => {};
  let now: () => void = () => {};
  let isAsked = false;
  let isNow = false;
  const asked = new Promise<void>((resolve) => (polite = resolve));
  const askedNow = new Promise<void>((resolve) => (now = resolve));
  const ask = (how: 'polite' | 'now'): void => {
    isAsked = true;
    polite();
    if (how === 'polite') return;
    isNow = true;
    now();
  };
  return { asked, askedNow, ask, isAsked: () => isAsked, isNow: () => isNow };
}
