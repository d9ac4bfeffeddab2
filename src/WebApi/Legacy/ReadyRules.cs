using PayRecharge.Application.Cards;
using PayRecharge.Domain.Cards;

namespace PayRecharge.WebApi.Legacy;

/// <summary>Caches the reply that lists the rules, which is the same for all callers, until the catalog returns another list.</summary>
internal sealed class ReadyRules(ICardRuleCatalog catalog)
{
    private volatile Made? _made;

    public async ValueTask<LegacyReply> GetAsync(LegacyCall call)
    {
        var rules = await catalog.ListAsync(call.Aborted);
        if (_made is { } made && ReferenceEquals(made.Of, rules)) return made.Reply;
        var reply = LegacyReplies.Rules(await call.SendAsync(new ListCardRules()));
        _made = new Made(rules, reply);
        return reply;
    }

    private sealed record Made(IReadOnlyList<CardRule> Of, LegacyReply Reply);
}
