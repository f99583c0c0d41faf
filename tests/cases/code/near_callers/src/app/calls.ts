import { lazy, whole, parts, told, throwing, api, unwrap, notify } from '@/lib'

export async function page(id: string, context: any) {
  // Trap (none): it is passed on to what is not known
  context.later(throwing(id))
  context.track(await told(id))
  context.all([whole(id), parts(id)])

  // Trap (none): the function is passed on, and not called
  context.every(lazy)
  const { mutate } = context.mutation({ mutationFn: (one: string) => parts(one) })

  // Trap (none): caught, and answered
  try {
    await throwing(id)
  } catch (problem) {
    console.error(problem)
    notify(problem)
  }
  try {
    unwrap(await whole(id))
  } catch {
    return { ok: false }
  }

  // Trap (none): a promise that is returned is not caught by the try around it
  try {
    return throwing(id)
  } catch (problem) {
    console.error(problem)
  } finally {
    mutate()
  }
}

export async function other(id: string, whole: (id: string) => Promise<void>) {
  // Trap (none): a parameter of the same name
  await whole(id)

  // Trap (none): a local of the same name
  const parts = async (one: string) => one
  await parts(id)
  await { store: async (one: string) => one }.store(id)

  // Trap (none): what is known only when it runs
  const found = id ? lazy : throwing
  await found(id)
  await (api as any)['st' + 'ore'](id)
}
