/** A batch's calls: at most `count` at a time. Whoever takes a slot gives it back. */
export function callSlots(count: number): { take: () => Promise<() => void> } {
  let free = count;
  const queue: (() => void)[] = [];
  const give = () => {
    const next = queue.shift();
    if (next) next();
    else free++;
  };
  return {
    async take() {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => queue.push(resolve));
      let isTaken = true;
      return () => {
        if (isTaken) give();
        isTaken = false;
      };
    },
  };
}

/** Slots out of others, so that those who take these leave some to the rest. */
export function someOf(slots: CallSlots, count: number): CallSlots {
  const own = callSlots(count);
  return {
    async take() {
      const giveOwn = await own.take();
      const give = await slots.take();
      return () => {
        give();
        giveOwn();
      };
    },
  };
}

export type CallSlots = ReturnType<typeof callSlots>;
