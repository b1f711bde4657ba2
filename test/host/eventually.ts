/** Waits until a check passes; what VS Code does after a command has no event of its own. @throws the check's error */
export async function eventually(check: () => void | Promise<void>, milliseconds = 20_000): Promise<void> {
  for (const end = Date.now() + milliseconds; ;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
