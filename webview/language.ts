import * as l10n from '@vscode/l10n';
import * as v from 'valibot';

// The host writes the words into the page when VS Code speaks another language than English. They are read here, before
// any other module of the panel asks for one: nothing is ever shown in English first.
const { success, output } = v.safeParse(
  v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.string())),
  document.getElementById('words')?.textContent,
);
if (success) l10n.config({ contents: output });
