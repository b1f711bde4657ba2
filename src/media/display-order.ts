// Pictures are decoded in nearly the order in which they are shown: 16 places apart at most in H.264 and HEVC. Sorting
// hundreds of thousands of them by comparing each with all would take longer than encoding the frames at a join.

/** Moves for each place, on average, with which a list still counts as nearly in order. */
const NEARLY = 16;

/**
 * Sorts places by their times, in the list itself; places of the same time stay as they are.
 *
 * @param times by place
 */
export function sortByTime(places: Uint32Array, times: ArrayLike<number>): Uint32Array {
  const most = places.length * NEARLY;
  let moves = 0;
  for (let n = 1; n < places.length; n++) {
    const place = places[n] ?? 0;
    const time = times[place] ?? 0;
    let to = n;
    for (; to > 0 && (times[places[to - 1] ?? 0] ?? 0) > time; to--) places[to] = places[to - 1] ?? 0;
    places[to] = place;
    moves += n - to;
    if (moves > most) return places.sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
  }
  return places;
}

/** Places of the pictures that are shown, in the order in which they are. `hidden` and `invisible` are 1 for others. */
export function displayOrder({
  pts,
  hidden,
  invisible,
}: {
  readonly pts: ArrayLike<number>;
  readonly hidden: ArrayLike<number>;
  readonly invisible?: ArrayLike<number>;
}): Uint32Array {
  const order = new Uint32Array(pts.length);
  let shown = 0;
  for (let place = 0; place < pts.length; place++) if (!hidden[place] && !invisible?.[place]) order[shown++] = place;
  return sortByTime(order.subarray(0, shown), pts);
}

/** Whether no two of the times are the same. */
export function areDistinct(times: ArrayLike<number>): boolean {
  const places = new Uint32Array(times.length);
  for (let n = 0; n < places.length; n++) places[n] = n;
  sortByTime(places, times);
  for (let n = 1; n < places.length; n++) if (times[places[n] ?? 0] === times[places[n - 1] ?? 0]) return false;
  return true;
}
