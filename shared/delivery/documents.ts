// The questions that a job or a decision asks, as far as they were sent.

import type { AskedQuestion } from './rules/questionReminders.ts';

/**
 * Partition: jobs/{asks-} with the id of a job or of a decision behind it: what persons were asked
 * about it, a stream of news of its own.
 */

export interface QuestionRemindersDocument {
  readonly id: 'asking';
  readonly type: 'asking';
  readonly schema: number;
  readonly jobId: string;
  /** The job or the decision. */
  readonly about: string;
  /** In whose name it is asked. Documents of older builds have it from the next message on. */
  readonly callerId?: string | null;
  readonly open: readonly AskedQuestion[];
  /** While something is asked, it is looked whether it still is. */
  readonly going: boolean;
  /** The keys of what was told once. */
  readonly told: readonly string[];
  /** How many messages were written: the next one's place in the story. */
  readonly written: number;
}
