/** A size that is only known roughly, in two digits: `850 kB`, `12 MB`, `1.4 GB`. */
export function aboutSize(bytes: number): string {
  const [unit, name] = bytes < 0.95e6 ? [1e3, 'kB'] : bytes < 0.95e9 ? [1e6, 'MB'] : [1e9, 'GB'];
  return `${Number(Math.max(1, bytes / unit).toPrecision(2))} ${name}`;
}
