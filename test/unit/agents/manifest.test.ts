import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonSchema } from '../../../src/agents/mcp-server.js';
import { TOOL_NAMES } from '../../../src/agents/tool-names.js';
import { agentTools } from '../../../src/agents/tools.js';
import { repository } from '../../run/paths.js';

interface ContributedTool {
  readonly name: string;
  readonly toolReferenceName: string;
  readonly modelDescription: string;
  readonly canBeReferencedInPrompt: boolean;
  readonly when: string;
  readonly inputSchema: unknown;
}

describe('tools for agents', () => {
  let contributed: readonly ContributedTool[];
  before(async () => {
    const text = await readFile(join(repository, 'package.json'), 'utf8');
    const manifest = JSON.parse(text) as { contributes: { languageModelTools: readonly ContributedTool[] } };
    contributed = manifest.contributes.languageModelTools;
  });

  it('are the same in package.json as in the program: names, descriptions, schemas', () => {
    assert.deepEqual(
      agentTools.map(({ name }) => name),
      TOOL_NAMES,
    );
    assert.deepEqual(
      contributed.map(({ name, modelDescription, inputSchema }) => ({ name, modelDescription, inputSchema })),
      agentTools.map(({ name, description, input }) => ({
        name,
        modelDescription: description,
        inputSchema: jsonSchema(input, 'input'),
      })),
    );
  });

  it('can be named in a prompt, and are not offered in Restricted Mode', () => {
    for (const { toolReferenceName, canBeReferencedInPrompt, when } of contributed) {
      assert.match(toolReferenceName, /^[a-z][A-Za-z]+$/u);
      assert.equal(canBeReferencedInPrompt, true);
      assert.equal(when, 'isWorkspaceTrusted');
    }
  });

  it('describe every field that a model fills in', () => {
    for (const { input } of agentTools) {
      const { properties = {} } = jsonSchema(input, 'input') as {
        properties?: Record<string, { description?: string }>;
      };
      for (const [field, { description = '' }] of Object.entries(properties)) {
        assert.match(description, /^[a-zA-Z].{20,}\.$/su, field);
      }
    }
  });
});
