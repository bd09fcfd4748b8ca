// The tables of all fields in docs/guides/plan-fields.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderPlanFields } from '../../scripts/render-plan-fields.ts';
import { Group, Plan } from '../../shared/plans/rules/plan.ts';
import { Schedule } from '../../shared/schedules/rules/schedule.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'guides', 'plan-fields.md'), 'utf8');

test('the tables of plan fields are up to date', () => {
  expect(renderPlanFields(page)).toBe(page);
});

test('the tables name each field of plans, groups and schedules, with defaults', () => {
  const fields = [...Object.keys(Plan.shape), ...Object.keys(Group.shape), ...Object.keys(Schedule.shape)];
  for (const field of [...fields, 'alsoIn', 'onFailure', 'drill.everyDays', 'commitWindow.afterMinutes'])
    expect([field, page.includes(`| \`${field}\` |`)]).toEqual([field, true]);
  expect(page).toMatch(/\| `everySeconds` \| whole number \|.*Default: 15\. \|/);
});

test('a changed meaning is found', () => {
  expect(renderPlanFields(page.replace('Default: 15.', 'Default: 16.'))).toBe(page);
});
