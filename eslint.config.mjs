import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { layersPlugin } from './eslint-layers.mjs';

const namedExports = { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' };

/** A page shows what a click, a key or a message changed a picture of the screen later, or after an answer. */
const READS_OF_PAGE = [
  ...['isChecked', 'isDisabled', 'isEditable', 'isEnabled', 'isHidden', 'isVisible', 'inputValue', 'getAttribute'],
  ...['allInnerTexts', 'allTextContents', 'innerHTML', 'innerText', 'textContent', 'boundingBox', 'count'],
  ...['evaluate', 'evaluateAll'],
];
const readOfPage = `AwaitExpression[argument.callee.property.name=/^(${READS_OF_PAGE.join('|')})$/]`;
const readOnce = {
  selector:
    `:matches(CallExpression[callee.name='assert'], CallExpression[callee.object.name='assert']) ${readOfPage}` +
    `:not(CallExpression[callee.name='eventually'] AwaitExpression)`,
  message: 'What a page shows may come a moment later: read it with expectValue, or inside of eventually.',
};

export default defineConfig(
  globalIgnores(['dist/', 'node_modules/', 'test-output/', '.vscode-test/', 'coverage/']),
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './webview/tsconfig.json', './test/tsconfig.json', './test/ui/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // `import('…').Type` names the type of a module that is loaded late.
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', namedExports],
    },
  },
  {
    files: ['src/**/*.ts', 'webview/**/*.ts'],
    plugins: { project: layersPlugin },
    rules: { 'project/layers': 'error' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
    },
  },
  { files: ['test/ui/**/*.ts'], rules: { 'no-restricted-syntax': ['error', namedExports, readOnce] } },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        require: 'readonly',
        module: 'writable',
      },
    },
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-require-imports': 'off',
    },
  },
  { files: ['*.config.mjs'], rules: { 'no-restricted-syntax': 'off' } },
  prettier,
);
