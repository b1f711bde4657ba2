import * as vscode from 'vscode';
import type { Credits } from '../nemo/protocol.js';
import { CLIP_PRICE, EDIT_PRICE } from '../session/credits.js';
import type { SessionBook } from '../session/session-book.js';
import type { TrimSession } from '../session/trim-session.js';
import { jobsOf, percent, progressWords, type Job, type WaitingExports } from './jobs.js';

const LONGEST_NAME = 40;

/** One item, there only while something is under way, or when the cloud's credits no longer pay for a new clip. */
export class StatusBar implements vscode.Disposable {
  readonly #book: SessionBook;
  readonly #exports: WaitingExports;
  readonly #unlisten: () => void;
  readonly #working = new Set<TrimSession>();
  #credits: number | undefined;
  #item: vscode.StatusBarItem | undefined;
  #shown = '';

  constructor(book: SessionBook, exports: WaitingExports) {
    this.#book = book;
    this.#exports = exports;
    this.#unlisten = book.onDidChange((session) => this.#follow(session));
  }

  /** @param credits as they were read last; undefined when they are no longer known, or do not matter */
  takeCredits(credits: Credits | undefined): void {
    this.#credits = credits?.available;
    this.#draw();
  }

  dispose(): void {
    this.#unlisten();
    this.#item?.dispose();
  }

  #follow(session: TrimSession | undefined): void {
    if (!session) {
      const { sessions } = this.#book;
      for (const one of this.#working) if (!sessions.includes(one)) this.#working.delete(one);
    } else if (session.snapshot.activity.kind === 'idle') {
      if (!this.#working.delete(session)) return;
    } else this.#working.add(session);
    this.#draw();
  }

  #draw(): void {
    const jobs = [...this.#working].flatMap((session) =>
      jobsOf(session, this.#exports).map((job) => ({ session, job })),
    );
    const [first, ...others] = jobs.filter(({ job }) => !job.waits);
    if (first)
      this.#drawJob(
        first,
        others.length,
        jobs.map(({ job }) => job),
      );
    else if (this.#credits !== undefined && this.#credits < CLIP_PRICE) this.#drawCredits(this.#credits);
    else {
      this.#item?.dispose();
      this.#item = undefined;
      this.#shown = '';
    }
  }

  #drawJob({ session, job }: { session: TrimSession; job: Job }, others: number, all: readonly Job[]): void {
    const name = job.label.length > LONGEST_NAME ? `${job.label.slice(0, LONGEST_NAME - 1)}…` : job.label;
    const share = job.fraction === undefined ? '' : ` ${percent(job.fraction)}%`;
    const more = others > 0 ? ` +${others}` : '';
    const lines = all.map((one) => [one.label, progressWords(one)].filter((part) => part !== '').join(' · '));
    this.#show({
      // An icon in a name would be drawn as one.
      subject: session.id,
      text: `$(loading~spin) ${name.replaceAll('$(', '$\u200b(')}${share}${more}`,
      spoken: [name, share.trim(), ...(others > 0 ? [vscode.l10n.t('{0} more', others)] : [])],
      tooltip: [...lines, vscode.l10n.t('Click to open it.')].join('\n'),
      command: {
        command: 'videoTrimmer.openSession',
        title: vscode.l10n.t('Open Session'),
        arguments: [{ kind: 'session', session }],
      },
    });
  }

  #drawCredits(credits: number): void {
    const amount = vscode.l10n.t('{0} credits left', credits);
    const hint = vscode.l10n.t('Editing in the NemoVideo cloud costs credits. Click to check them.');
    this.#show({
      text: `$(credit-card) ${amount}`,
      spoken: ['Video Trimmer', amount],
      tooltip: `${amount}\n${hint}`,
      command: { command: 'videoTrimmer.checkCredits', title: vscode.l10n.t('Check Credits') },
      ...(credits < EDIT_PRICE ? { background: 'statusBarItem.warningBackground' } : {}),
    });
  }

  #show(look: Look): void {
    // Each assignment is a message to the window, and progress comes many times a second.
    const key = JSON.stringify([look.text, look.tooltip, look.background, look.subject]);
    if (key === this.#shown) return;
    this.#shown = key;
    this.#item ??= vscode.window.createStatusBarItem('videoTrimmer.status', vscode.StatusBarAlignment.Left, 0);
    this.#item.name = 'Video Trimmer';
    this.#item.text = look.text;
    this.#item.tooltip = look.tooltip;
    this.#item.command = look.command;
    this.#item.backgroundColor = look.background === undefined ? undefined : new vscode.ThemeColor(look.background);
    this.#item.accessibilityInformation = {
      label: look.spoken.filter((part) => part !== '').join(', '),
      role: 'button',
    };
    this.#item.show();
  }
}

interface Look {
  readonly text: string;
  readonly tooltip: string;
  readonly spoken: readonly string[];
  readonly command: vscode.Command;
  readonly background?: string;
  /** What a click opens. */
  readonly subject?: string;
}
