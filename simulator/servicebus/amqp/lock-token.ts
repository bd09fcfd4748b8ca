/**
 * .NET writes the first three parts of a GUID backwards: as the tag of a delivery a lock has that
 * order, in requests the plain one.
 */
const ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

export const deliveryTag = (lock: Buffer): Buffer => Buffer.from(ORDER.map((index) => lock[index] ?? 0));
