// The stored document about the questions of a job or a decision. `questionReminderStore.ts` writes
// it.

import type { AskedQuestion } from './rules/questionReminders.ts';

/**
 * Partition: jobs/{asks-} with the id of a job or a decision behind it. The questions have their
 * own event stream.
 */
export interface QuestionRemindersDocument {
  readonly id: 'asking';
  readonly type: 'asking';
  readonly schema: number;
  readonly jobId: string;
  /** The id of the job or the decision. */
  readonly about: string;
  /**
   * Asks in the name of this caller. Documents of older builds get the field with the next message.
   */
  readonly callerId?: string | null;
  readonly open: readonly AskedQuestion[];
  /** True while a question is open. The timer then checks whether the question is still open. */
  readonly going: boolean;
  /** The keys of the notes that people got, each once. */
  readonly told: readonly string[];
  /** The number of messages so far, and the position of the next message. */
  readonly written: number;
}
