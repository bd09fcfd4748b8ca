// The input of the update rules, and the lists that they fill.
import type { Lookup } from '../../../enabling/lookup.ts';
import type { Refusal } from '../../../../core/refusal.ts';
import type { CurrentSettings, SettingChanges, UpdateRequest } from '../../../enabling/updateRequest.ts';

/** The input of the update rules, and the lists that they fill. */
export interface UpdateContext {
  readonly lookup: Lookup;
  readonly current: CurrentSettings;
  readonly request: UpdateRequest;
  readonly refusals: Refusal[];
  readonly changes: SettingChanges;
}
