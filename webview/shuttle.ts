/** The speeds of the menu, and of J and L where they are whole doublings. */
export const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4, 8] as const;

const DOUBLINGS = [0.25, 0.5, 1, 2, 4, 8] as const;

/**
 * The speed after another press of J (direction -1) or L (1), negative backwards.
 *
 * @param now the present speed, 0 at rest. @param chosen the speed of the menu, at which playback starts.
 */
export function shuttled(now: number, direction: 1 | -1, chosen: number): number {
  if (now === 0) return direction * chosen;
  if (Math.sign(now) !== direction) return direction;
  const faster = DOUBLINGS.find((speed) => speed > Math.abs(now)) ?? 8;
  return direction * faster;
}
