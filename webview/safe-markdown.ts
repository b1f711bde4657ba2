import DOMPurify from 'dompurify';
import { Marked, type Tokens } from 'marked';

// Text and its structure only: no pictures or frames (they would fetch from elsewhere), no forms, no styles.
const TAGS = ['p', 'br', 'hr', 'strong', 'em', 'del', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li', 'a'];
const TABLES = ['table', 'thead', 'tbody', 'tr', 'th', 'td'];
const HEADINGS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'];

// HTML in the text is shown as text, and a picture as its description: neither reaches the page's parser.
const markdown = new Marked({
  async: false,
  gfm: true,
  breaks: true,
  renderer: {
    html: ({ text }: Tokens.HTML | Tokens.Tag): string =>
      /^<br\s*\/?>$/i.test(text.trim()) ? '<br>' : escapeText(text),
    image: ({ text }: Tokens.Image): string => escapeText(text),
  },
});

/**
 * Turns the agent's markdown into safe nodes: whatever the text says, it cannot run, load or pretend to be a control.
 * A text that cannot be read as markdown is shown as it is: one broken message never breaks the chat.
 */
export function renderMarkdown(text: string): DocumentFragment {
  try {
    return DOMPurify.sanitize(markdown.parse(text, { async: false }), {
      ALLOWED_TAGS: [...TAGS, ...TABLES, ...HEADINGS],
      ALLOWED_ATTR: ['href', 'start'],
      ALLOW_DATA_ATTR: false,
      ALLOW_ARIA_ATTR: false,
      ALLOWED_URI_REGEXP: /^https?:\/\//i,
      RETURN_DOM_FRAGMENT: true,
    });
  } catch {
    const fragment = document.createDocumentFragment();
    const paragraph = document.createElement('p');
    paragraph.textContent = text;
    fragment.append(paragraph);
    return fragment;
  }
}

function escapeText(text: string): string {
  const holder = document.createElement('p');
  holder.textContent = text;
  return holder.innerHTML;
}

/** The address a click leads to, when it is one that may be opened. */
export function linkOf(event: Event): string | undefined {
  const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
  return link && /^https?:$/.test(link.protocol) ? link.href : undefined;
}
