// @ts-check
import js from '@eslint/js'
import importX, { createNodeResolver } from 'eslint-plugin-import-x'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** Where requests come in: files that speak HTTP. Everything else in a feature does not know that there is such a thing. */
const ENTRANCES = ['routes', '*-routes', 'api', 'passport', 'session-store']
/** Files that write. A command that outgrew commands.ts stands beside it, under the name of what it does, or commands.ts becomes a folder. */
const WRITERS = ['commands', 'conversion', 'placement', 'sample-data', 'demo']
/** Files that only declare: what may come in, how a list is asked. */
const DECLARATIONS = ['schema', 'list', 'words', 'period']
/** Whose commands may use whose: each those to its right, never back. */
const DOWNHILL = [
  ['setup', 'trash'],
  ['history'],
  ['leads'],
  ['deals', 'pipelines'],
  ['contacts', 'projects', 'quotes'],
  ['clients'],
  ['activities'],
  ['profile', 'users', 'teams', 'feeds'],
]

/** @param {readonly string[]} names @param {string} [feature] */
const files = (names, feature = '*') => `src/features/${feature}/@(${names.join('|')}).ts`
/** @param {readonly string[]} names */
const allBut = (names) => `src/features/*/!(${names.join('|')}).ts`

/** commands.ts that became a folder, split by capability. @param {string} [feature] */
const commandFolder = (feature = '*') => `src/features/${feature}/commands/*.ts`
/** @param {string} [feature] */
const writers = (feature) => [files(WRITERS, feature), commandFolder(feature)]

/**
 * The walls: server → app → features/{routes,api} → {commands,queries} → {schema,list} → platform, never back.
 * @type {{ from: string[], to: string[], why: string }[]}
 */
const WALLS = [
  { from: ['src/!(server).ts', 'src/*/**'], to: ['src/server.ts'], why: 'nothing imports the server' },
  {
    from: ['src/platform/**', 'src/features/**'],
    to: ['src/app.ts', 'src/config.ts'],
    why: 'what is mounted does not know where',
  },
  { from: ['src/platform/**'], to: ['src/features/**'], why: 'the platform knows no feature' },
  {
    from: [allBut(ENTRANCES), commandFolder()],
    to: [files(ENTRANCES)],
    why: 'only app.ts and other entrances use an entrance',
  },
  {
    from: [allBut(ENTRANCES), commandFolder()],
    to: ['src/platform/http/!(types).ts'],
    why: 'rules and reads know no HTTP',
  },
  {
    from: [files(['routes', '*-routes', 'api'])],
    to: ['src/platform/database/**'],
    why: 'an entrance asks queries and commands, not the database',
  },
  { from: [allBut([...ENTRANCES, ...WRITERS])], to: writers(), why: 'what reads or declares never writes' },
  {
    from: [files(DECLARATIONS)],
    to: [files(['queries', 'board'])],
    why: 'queries build on declarations, not the other way',
  },
  ...DOWNHILL.slice(1).map((group, index) => ({
    from: writers(`@(${group.join('|')})`),
    to: writers(
      `@(${DOWNHILL.slice(0, index + 1)
        .flat()
        .join('|')})`,
    ),
    why: `commands of ${group.join(' and ')} use other features' commands downhill only`,
  })),
]

const HTTP_PACKAGES = [
  'express',
  'express-session',
  'csurf',
  'helmet',
  'passport',
  'passport-local',
  'node:http',
  'supertest',
]
const PRISMA_WRITES =
  '/^(create|createMany|createManyAndReturn|update|updateMany|updateManyAndReturn|upsert|delete|deleteMany)$/'

export default defineConfig(
  { ignores: ['dist/', 'data*/', 'coverage/', 'public/app.css', 'src/platform/database/generated/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'object-shorthand': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true } },
    settings: {
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js', '.json'] })],
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Express 5 hands what a handler rejects with to the error handler, and pg's pool waits for its hooks.
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { arguments: false, properties: false } },
      ],
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      // Interfaces here are records of closures: there is no `this` to lose. An async function may just promise.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/require-await': 'off',
      // Request ids are typed wider than they are.
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-restricted-paths': [
        'error',
        {
          zones: WALLS.map(({ from, to, why }) => ({
            target: from.map((glob) => `./${glob}`),
            from: to.map((glob) => `./${glob}`),
            message: `${why} (the walls in eslint.config.js).`,
          })),
        },
      ],
    },
  },
  {
    files: [allBut(ENTRANCES), commandFolder()],
    rules: {
      'no-restricted-imports': [
        'error',
        { paths: HTTP_PACKAGES.map((name) => ({ name, message: 'Rules and reads know no HTTP.' })) },
      ],
    },
  },
  {
    files: [files(ENTRANCES)],
    rules: {
      'no-restricted-imports': [
        'error',
        { paths: [{ name: 'sql-template-tag', message: 'SQL stands in queries and commands.' }] },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[property.name='records']",
          message: 'An entrance asks queries and commands, not the database.',
        },
      ],
    },
  },
  {
    files: [allBut([...ENTRANCES, ...WRITERS])],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: `CallExpression[callee.object.object.property.name='records'][callee.property.name=${PRISMA_WRITES}]`,
          message: 'Only commands write.',
        },
        {
          selector:
            "TaggedTemplateExpression[tag.name='sql'] TemplateElement[value.raw=/\\b(INSERT INTO|UPDATE \\w+ SET|DELETE FROM)\\b/i]",
          message: 'Only commands write.',
        },
      ],
    },
  },
  {
    // What the product runs on must be there without the packages of developers: `npm prune --omit=dev`.
    files: ['src/**/*.ts'],
    rules: { 'import-x/no-extraneous-dependencies': ['error', { devDependencies: false, includeTypes: false }] },
  },
  {
    // What has no other way to speak than the terminal: start-up messages, reports.
    files: [
      'src/server.ts',
      'src/archive.ts',
      'src/features/setup/demo.ts',
      'bench/**/*.ts',
      'bin/*',
      'tests/support/strict.ts',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['tests/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['public/js/**/*.js'],
    // The type check knows what a browser has.
    rules: { 'no-undef': 'off' },
  },
  {
    files: ['bin/{setup,test,demo,dev,export,import}', '*.config.js', '**/*.mjs', 'bench/**/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        'process console URL AbortController setTimeout clearTimeout setInterval clearInterval'
          .split(' ')
          .map((name) => [name, 'readonly']),
      ),
    },
  },
)
