/**
 * The address of a file of this package, beside which its others lie: a source among sources, a build among builds. Nothing in a
 * bundle that has left no trace of files. A variable keeps bundlers from taking what is made of it for assets of theirs.
 */
export function ownUrl(): string | undefined {
  const here: string | undefined = import.meta.url;
  return here?.startsWith('file:') ? here : undefined;
}
