import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../../run/paths.js';

interface MenuItem {
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
}
interface Setting {
  readonly type?: unknown;
  readonly pattern?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly enumItemLabels?: readonly string[];
  readonly description?: string;
  readonly markdownDescription?: string;
  readonly scope?: string;
  readonly default?: unknown;
  readonly order?: number;
}
interface Step {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly media: { readonly svg: string; readonly altText: string };
  readonly completionEvents: readonly string[];
}
interface Manifest {
  readonly icon: string;
  readonly categories: readonly string[];
  readonly keywords: readonly string[];
  readonly galleryBanner: { readonly color: string; readonly theme: string };
  readonly badges?: unknown;
  readonly activationEvents: readonly string[];
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      readonly title: string;
      readonly category: string;
      readonly icon?: string | Readonly<Record<string, string>>;
      readonly enablement?: string;
    }[];
    readonly submenus: readonly { readonly id: string; readonly label: string }[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly keybindings: readonly { readonly command: string; readonly key: string; readonly when?: string }[];
    readonly configuration: readonly {
      readonly title: string;
      readonly properties: Readonly<Record<string, Setting>>;
    }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string; readonly when?: string }[]>>;
    readonly viewsWelcome: readonly { readonly view: string; readonly contents: string; readonly when: string }[];
    readonly walkthroughs: readonly { readonly id: string; readonly steps: readonly Step[] }[];
    readonly customEditors: readonly {
      readonly viewType: string;
      readonly priority: string;
      readonly selector: readonly { readonly filenamePattern: string }[];
    }[];
  };
}

/** https://code.visualstudio.com/api/references/when-clause-contexts */
const KEYS_OF_VSCODE = new Set([
  'activeCustomEditorId',
  'activeWebviewPanelId',
  'explorerResourceIsFolder',
  'focusedView',
  'inputFocus',
  'isWorkspaceTrusted',
  'listFocus',
  'listMultiSelection',
  'resourceDirname',
  'resourceExtname',
  'resourcePath',
  'view',
  'viewItem',
  'workbenchState',
]);
/** Commands of VS Code that our texts have buttons for. */
const COMMANDS_OF_VSCODE = new Set(['vscode.openFolder', 'workbench.trust.manage']);
/** https://code.visualstudio.com/api/references/extension-manifest, "Extension Categories" or "approved categories". */
const CATEGORIES = new Set(['Visualization', 'AI', 'Chat', 'Other']);

describe('The manifest', () => {
  let manifest: Manifest;
  let words: Record<string, string>;
  let sources: string;

  before(async () => {
    manifest = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as Manifest;
    words = JSON.parse(await readFile(join(repository, 'package.nls.json'), 'utf8')) as Record<string, string>;
    const files = (await readdir(join(repository, 'src'), { recursive: true })).filter((file) => file.endsWith('.ts'));
    sources = (await Promise.all(files.map((file) => readFile(join(repository, 'src', file), 'utf8')))).join('\n');
  });

  const said = (text: string): string => words[/^%(.+)%$/.exec(text)?.[1] ?? ''] ?? text;
  const commandIds = (): Set<string> => new Set(manifest.contributes.commands.map(({ command }) => command));
  const menuItems = (): MenuItem[] => Object.values(manifest.contributes.menus).flat();
  /** Everything that VS Code reads as a condition, with the place it stands at. */
  const conditions = (): [string, string][] => {
    const { commands, menus, keybindings, viewsWelcome, views, walkthroughs } = manifest.contributes;
    const all: [string, string | undefined][] = [
      ...commands.map(({ command, enablement }): [string, string | undefined] => [command, enablement]),
      ...Object.entries(menus).flatMap(([menu, items]) =>
        items.map((item): [string, string | undefined] => [`${menu}: ${item.command ?? item.submenu}`, item.when]),
      ),
      ...keybindings.map(({ key, when }): [string, string | undefined] => [key, when]),
      ...viewsWelcome.map(({ contents, when }): [string, string | undefined] => [contents, when]),
      ...Object.values(views).flatMap((list) => list.map(({ id, when }): [string, string | undefined] => [id, when])),
      ...walkthroughs.flatMap(({ steps }) =>
        steps.flatMap(({ id, completionEvents }) =>
          completionEvents
            .filter((event) => event.startsWith('onContext:'))
            .map((event): [string, string] => [id, event.slice('onContext:'.length)]),
        ),
      ),
    ];
    return all.filter((one): one is [string, string] => one[1] !== undefined);
  };
  const settings = (): [string, Setting][] =>
    manifest.contributes.configuration.flatMap(({ properties }) => Object.entries(properties));

  it('is found by what it does: categories, words, an icon and a banner that goes with it', async () => {
    assert.ok(manifest.categories.every((category) => CATEGORIES.has(category)));
    assert.ok(manifest.keywords.length <= 30 && new Set(manifest.keywords).size === manifest.keywords.length);
    const png = await readFile(join(repository, manifest.icon));
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [256, 256]);
    assert.match(manifest.galleryBanner.color, /^#[0-9a-f]{6}$/);
    // A badge would say what nobody has measured.
    assert.equal(manifest.badges, undefined);
  });

  it('gives every command a title in words and the name of the extension before it', () => {
    const { commands } = manifest.contributes;
    assert.equal(commands.length, commandIds().size);
    for (const { command, title, category } of commands) {
      assert.match(command, /^videoTrimmer\.\w+$/);
      assert.match(said(title), /^[A-Z]\w/, command);
      assert.equal(said(category), 'Video Trimmer', command);
    }
    const titles = commands.map(({ title }) => said(title));
    assert.equal(new Set(titles).size, titles.length);
  });

  it('offers every command in the palette, in a menu or both, and none that is not there', () => {
    const hidden = new Set(
      (manifest.contributes.menus['commandPalette'] ?? []).filter(({ when }) => when === 'false').map(by('command')),
    );
    const elsewhere = new Set(
      Object.entries(manifest.contributes.menus)
        .filter(([menu]) => menu !== 'commandPalette')
        .flatMap(([, items]) => items.map(by('command'))),
    );
    assert.deepEqual(
      [...commandIds()].filter((command) => hidden.has(command) && !elsewhere.has(command)),
      [],
    );
    const named = [...menuItems(), ...manifest.contributes.keybindings].flatMap(({ command }) => command ?? []);
    assert.deepEqual(
      named.filter((command) => !commandIds().has(command)),
      [],
    );
    const submenus = manifest.contributes.submenus.map(({ id }) => id);
    for (const id of submenus) {
      assert.ok((manifest.contributes.menus[id] ?? []).length > 0, `${id} is empty`);
      assert.ok(
        menuItems().some(({ submenu }) => submenu === id),
        `${id} is in no menu`,
      );
    }
    assert.ok(menuItems().every(({ submenu }) => submenu === undefined || submenus.includes(submenu)));
  });

  it('asks in its conditions for nothing but what VS Code documents or the extension tells', () => {
    const told = new Set([...sources.matchAll(/'(videoTrimmer\.\w+)'/g)].map(([, key]) => key));
    const names = new Set(settings().map(([key]) => `config.${key}`));
    for (const [place, condition] of conditions()) {
      for (const key of keysIn(condition)) {
        const known = KEYS_OF_VSCODE.has(key) || names.has(key) || (key.startsWith('videoTrimmer.') && told.has(key));
        assert.ok(known, `${place}: nothing says what ${key} is`);
      }
    }
  });

  it('tells no condition that nothing asks for', () => {
    const asked = new Set(conditions().flatMap(([, condition]) => keysIn(condition)));
    const tells = [...sources.matchAll(/(?:[sS]etContext'?|#tell)\(?,?\s*'(videoTrimmer\.\w+)'/g)].map(
      ([, key]) => key,
    );
    assert.ok(tells.length > 5);
    assert.deepEqual(
      tells.filter((key) => !asked.has(key ?? '')),
      [],
    );
  });

  it('keeps its keys to its own panel and editor', () => {
    assert.ok(manifest.contributes.keybindings.length > 0);
    for (const { key, when = '' } of manifest.contributes.keybindings) {
      for (const way of when.split(' || ')) {
        assert.match(
          way,
          /^(activeCustomEditorId|activeWebviewPanelId) == 'videoTrimmer\.editor'|^focusedView == 'videoTrimmer\.\w+'/,
          key,
        );
      }
    }
  });

  it('wakes up for what is ours alone, never for the start of VS Code', () => {
    for (const event of manifest.activationEvents) {
      assert.match(
        event,
        /^on(WebviewPanel|View|Command|CustomEditor|LanguageModelTool|ChatParticipant|McpCollection):?/,
      );
      assert.match(event, /:(videoTrimmer|video-trimmer|trim_|find_|probe_|export_)/, event);
    }
  });

  it('has its menus on the same files, which are those that its editor opens', () => {
    const all = conditions().flatMap(([place, when]) => {
      const [, pattern] = /resourceExtname =~ (\/\S+\/i)/.exec(when) ?? [];
      return pattern === undefined ? [] : [{ place, pattern }];
    });
    // Lists of cuts are no videos.
    const patterns = all.filter(({ place }) => !place.endsWith('importCutList')).map(({ pattern }) => pattern);
    assert.ok(patterns.length >= 4);
    assert.equal(new Set(patterns).size, 1);
    for (const { pattern } of all) assert.ok(pattern === patterns[0] || !pattern.includes('mp4'), pattern);
    const endings = /\((.+)\)/.exec(patterns[0] ?? '')?.[1]?.split('|') ?? [];
    const [editor] = manifest.contributes.customEditors;
    assert.deepEqual(
      editor?.selector.map(({ filenamePattern }) => filenamePattern),
      endings.map((ending) => `*.${ending}`),
    );
    assert.equal(editor.priority, 'option');
    // To an editor of code it is a program.
    assert.ok(!endings.includes('ts'));
  });

  describe('settings', () => {
    it('stand in groups with a title, in an order of their own', () => {
      const { configuration } = manifest.contributes;
      assert.ok(configuration.length > 1);
      for (const { title, properties } of configuration) {
        assert.match(said(title), /^[A-Z]/);
        const orders = Object.values(properties).map(({ order }) => order);
        assert.deepEqual(
          orders,
          orders.map((_, index) => index + 1),
          said(title),
        );
      }
      const keys = settings().map(([key]) => key);
      assert.equal(new Set(keys).size, keys.length);
    });

    it('are described in words, each of their values too, with a scope and a default', () => {
      for (const [key, setting] of settings()) {
        assert.match(said(setting.markdownDescription ?? setting.description ?? ''), /^[A-Z].*[.]$/su, key);
        assert.match(setting.scope ?? '', /^(application|machine|machine-overridable|window|resource)$/, key);
        assert.notEqual(setting.default, undefined, key);
        assert.notEqual(setting.type, undefined, `${key} could not be set by a control`);
        // VS Code would show a fault beside a setting that nobody has touched.
        if (setting.pattern !== undefined) assert.match(setting.default as string, new RegExp(setting.pattern), key);
        assert.equal(setting.format, undefined, key);
        if (!setting.enum) continue;
        assert.ok(setting.enum.includes(setting.default as string), key);
        for (const texts of [setting.enumDescriptions, setting.enumItemLabels]) {
          assert.equal(texts?.length, setting.enum.length, key);
          for (const text of texts) assert.match(said(text), /^[A-Z]/, key);
        }
      }
    });

    it('are each read somewhere', () => {
      const unread = settings().filter(([key]) => {
        const [section, ...rest] = key.split('.');
        const names = [key, rest.join('.'), rest.at(-1)].filter((name) => name !== section);
        return !names.some((name) => sources.includes(`'${name}'`));
      });
      assert.deepEqual(
        unread.map(([key]) => key),
        [],
      );
    });
  });

  describe('walkthrough', () => {
    const steps = (): readonly Step[] => manifest.contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);

    it('has a picture with a text for each step, in the colours of the theme', async () => {
      assert.ok(steps().length >= 6);
      for (const { id, title, description, media } of steps()) {
        assert.match(said(title), /^[A-Z]/);
        // VS Code shows bold words and links in it; the rest of Markdown stays as it is typed.
        assert.doesNotMatch(said(description).replaceAll('**', ''), /[`*_]/, id);
        assert.match(said(media.altText), /^[A-Z].{20,}\.$/, id);
        const svg = await readFile(join(repository, media.svg), 'utf8');
        assert.ok((await stat(join(repository, media.svg))).size < 8000);
        assert.match(svg, /var\(--vscode-/);
        // A fixed colour is wrong in one theme at least.
        assert.doesNotMatch(svg, /#[0-9a-f]{3,8}\b|\brgb|<script|href/i, id);
      }
    });

    it('is done by things that happen: commands of ours, settings of ours, conditions that are told', () => {
      for (const { id, completionEvents } of steps()) {
        assert.ok(completionEvents.length > 0, id);
        for (const event of completionEvents) {
          const [, kind, what = ''] = /^(onCommand|onSettingChanged|onContext):(.+)$/.exec(event) ?? [];
          if (kind === 'onCommand') assert.ok(commandIds().has(what), `${id}: ${event}`);
          else if (kind === 'onSettingChanged')
            assert.ok(
              settings().some(([key]) => key === what),
              `${id}: ${event}`,
            );
          // Its keys are looked at with those of all conditions.
          else assert.equal(kind, 'onContext', `${id}: ${event}`);
        }
      }
    });
  });

  it('says in an empty view what to do in one sentence, with one or two buttons', () => {
    const { views, viewsWelcome } = manifest.contributes;
    const ids = Object.values(views).flatMap((list) => list.map(({ id }) => id));
    for (const { view, contents } of viewsWelcome) {
      assert.ok(ids.includes(view));
      const [sentence = '', ...buttons] = said(contents).split('\n');
      assert.match(sentence, /^[A-Z][^.]*\.$/, contents);
      assert.ok(buttons.length >= 1 && buttons.length <= 2, contents);
      for (const button of buttons) assert.match(button, /^\[[^\]]+\]\(command:[\w.]+\)$/, contents);
    }
    for (const state of ['empty', '!isWorkspaceTrusted', 'hasNoToken', 'cloudIsAway', 'engineIsDown']) {
      assert.ok(
        viewsWelcome.some(({ when }) => when.includes(state)),
        `nothing for ${state}`,
      );
    }
  });

  it('has buttons in its texts for commands that are there', () => {
    const linked = Object.entries(words).flatMap(([key, text]) =>
      [...text.matchAll(/\]\(command:([\w.]+)[^)]*\)/g)].map(([, command = '']) => [key, command] as const),
    );
    assert.ok(linked.length > 5);
    for (const [key, command] of linked) {
      assert.ok(commandIds().has(command) || COMMANDS_OF_VSCODE.has(command), `${key}: ${command}`);
    }
  });
});

function by(field: 'command'): (item: MenuItem) => string {
  return (item) => item[field] ?? '';
}

/** The names in a condition: not its strings, patterns, numbers and the values that are compared with. */
function keysIn(condition: string): string[] {
  const bare = condition
    .replaceAll(/=~ \/(?:\\.|[^/\\])+\/i?/g, '')
    .replaceAll(/(==|!=) ('[^']*'|[\w.-]+)/g, '')
    .replaceAll(/\b(in|not|true|false)\b/g, '');
  return bare.match(/[A-Za-z][\w.]*/g) ?? [];
}
