import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files by path and projects by name, in the order in which they begin. A long session mostly waits: it comes before
 * files that compute, which go on beside it. The files of a project whose runtime they share stay together: it ends
 * when another project's file is the next. Short files come last, so that nobody waits at the end.
 */
const ORDER = [
  "test/crash/failure-table.test.ts",
  "test/e2e/portals.test.ts",
  "app",
  "year",
  "test/local/lifecycle.test.ts",
  "test/e2e/chat.test.ts",
  "test/e2e/listen.test.ts",
  "test/browser/login.test.ts",
  "test/e2e/portal-kills.test.ts",
  "crash",
  "test/e2e/sweep.test.ts",
  "test/e2e/channels.test.ts",
  "browser",
  "test/e2e/cli.test.ts",
  "test/e2e/gate.test.ts",
  "test/e2e/sens.test.ts",
  "consumer",
  "local",
  "e2e",
  "tail",
  "cli",
  "objects",
  "edge",
  "client",
  "emulators",
  "pure",
];

/** Without the results of an earlier run, as in a clean clone, vitest knows only how large a file is. */
export class FileOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const ranked = (await super.sort(files)).map((file) => ({ file, rank: this.#rankOf(file) }));
    return ranked.toSorted((a, b) => a.rank - b.rank).map(({ file }) => file);
  }

  #rankOf({ moduleId, project }: TestSpecification): number {
    const path = ORDER.indexOf(relative(this.ctx.config.root, moduleId));
    const rank = path === -1 ? ORDER.indexOf(project.name) : path;
    return rank === -1 ? ORDER.length : rank;
  }
}
