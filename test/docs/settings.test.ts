// The table of settings in docs/operations.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderSettings } from '../../scripts/render-settings.ts';
import { SETTING_NAMES } from '../../shared/core/config.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'operations.md'), 'utf8');

test('the table of settings is up to date', () => {
  expect(renderSettings(page)).toBe(page);
});

test('the table of settings names each setting once, with default and bounds', () => {
  for (const name of SETTING_NAMES) expect(page.split(`| \`${name}\` |`)).toHaveLength(2);
  expect(page).toContain('| `LIFEBOAT_PROOF_SECONDS` |');
  expect(/\| `LIFEBOAT_PROOF_SECONDS` \|.*\| `300` \| 60 to 3600 \|/.exec(page)).not.toBeNull();
  expect(/\| `LIFEBOAT_TENANT_ID` \|.*\| required \|  \|/.exec(page)).not.toBeNull();
});

test('a changed default is found', () => {
  expect(renderSettings(page.replace('| `300` | 60 to 3600 |', '| `301` | 60 to 3600 |'))).toBe(page);
});
