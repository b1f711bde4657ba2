// First: the other modules take their words as they are loaded.
import './language.js';
import '@vscode/codicons/dist/codicon.css';
import './page.css';
import './toolkit.js';
import { HostLink } from './host-link.js';
import { TrimmerPanel } from './panel.js';
import { connectEditor } from './vscode-api.js';

const editor = connectEditor();
// A host that puts the element into its page says where it wants it; otherwise it is the whole page.
const panel = document.querySelector<TrimmerPanel>('trimmer-panel') ?? document.body.appendChild(new TrimmerPanel());
const link = new HostLink({
  post: (message) => editor.post(message),
  deliver: (message) => panel.receive(message),
  schedule: (run, milliseconds) => {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
});
panel.connectHost(link, editor.memory);
window.addEventListener('message', (event: MessageEvent<unknown>) => link.receive(event.data));
link.ready();
