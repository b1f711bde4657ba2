import type { TrimSession } from '../session/trim-session.js';
import { aboutTime, plannedCutWords } from '../timeline/planned-cut.js';
import { formatTimecode } from '../timeline/timecode.js';

/** One line on a terminal, rewritten; nothing where nobody watches. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  #shown = '';

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  showActivity(activity: TrimSession['snapshot']['activity']): void {
    const percent = (fraction: number | undefined): string =>
      fraction === undefined ? '' : ` ${Math.floor(fraction * 100)}%`;
    switch (activity.kind) {
      case 'idle':
        return;
      case 'connecting':
        return this.show('Connecting...');
      case 'uploading':
        return this.show(`Uploading…${percent(activity.fraction)}${speed(activity.bytesPerSecond)}`);
      case 'editing':
        return this.show(activity.note ?? 'Editing the timeline…');
      case 'exporting':
        return this.show(
          `Exporting…${percent(activity.fraction)}${left(activity.secondsLeft)}${age(activity.startedAt)}`,
        );
    }
  }

  show(text: string): void {
    if (!this.#stream.isTTY || text === this.#shown) return;
    this.#shown = text;
    this.#stream.write(`\r\x1b[K${text}`);
  }

  clear(): void {
    if (this.#shown !== '') this.#stream.write('\r\x1b[K');
    this.#shown = '';
  }
}

function speed(bytesPerSecond: number | undefined): string {
  return bytesPerSecond === undefined ? '' : `, ${(bytesPerSecond / 1e6).toFixed(1)} MB/s`;
}

function left(seconds: number | undefined): string {
  return seconds === undefined ? '' : `, ${aboutTime(seconds)} left`;
}

/** From ten seconds on: before that it is no wait. */
function age(startedAt: number | undefined): string {
  const seconds = startedAt === undefined ? 0 : Math.floor((Date.now() - startedAt) / 1000);
  return seconds < 10 ? '' : `, ${formatTimecode(seconds * 1_000_000)}`;
}

/** @returns a listener that says, once, that the whole picture is being encoded anew */
export function tellWhole(session: TrimSession, progress: ProgressLine): () => void {
  let told = '';
  return () => {
    const { activity } = session.snapshot;
    if (activity.kind !== 'exporting' || activity.plan?.method !== 'reencode') return;
    const words = plannedCutWords(activity.plan) ?? '';
    if (words === told) return;
    told = words;
    progress.clear();
    process.stderr.write(`${words}.\n`);
  };
}
