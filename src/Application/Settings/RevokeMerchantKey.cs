using FluentValidation;
using MediatR;

namespace PayRecharge.Application.Settings;

/// <summary>Stops a replaced merchant key from verifying, for example after a leak. The current key must be replaced first.</summary>
/// <param name="MerchantId">The key's merchant.</param>
/// <param name="KeyNumber">The key's number.</param>
public sealed record RevokeMerchantKey(string MerchantId, int KeyNumber) : IRequest<SettingsView>, IAdminChange
{
    string? IAdminChange.Subject => "settings";
}

internal sealed class RevokeMerchantKeyValidator : AbstractValidator<RevokeMerchantKey>
{
    public RevokeMerchantKeyValidator(ISettingsStore store)
    {
        ClassLevelCascadeMode = RuleLevelCascadeMode = CascadeMode.Stop;
        RuleFor(c => c.MerchantId).NotEmpty();
        RuleFor(c => c.KeyNumber)
            .MustAsync(async (revocation, _, cancel) => Find(await store.ReadAsync(cancel), revocation) is not null)
            .WithMessage("The merchant has no key of this number that could verify anything.")
            .MustAsync(async (revocation, _, cancel) => await store.ReadAsync(cancel) is var settings && !Find(settings, revocation)!.IsSameKeyAs(settings.Merchant))
            .WithMessage("This key is in use: set a new one first.");
    }

    internal static Merchant? Find(RechargeSettings settings, RevokeMerchantKey revocation) =>
        settings.RetiredMerchants.Append(settings.Merchant).FirstOrDefault(m => m?.Id == revocation.MerchantId && m.Number == revocation.KeyNumber);
}

internal sealed class RevokeMerchantKeyHandler(ISettingsStore store, CurrentChange change) : IRequestHandler<RevokeMerchantKey, SettingsView>
{
    public async Task<SettingsView> Handle(RevokeMerchantKey request, CancellationToken cancellationToken)
    {
        var current = await store.ReadAsync(cancellationToken);
        if (RevokeMerchantKeyValidator.Find(current, request) is not { } revoked) throw new SettingsConflictException();
        // The same key may have been set more than once.
        var kept = current.RetiredMerchants.Where(m => !m.IsSameKeyAs(revoked));
        if (!await store.TrySaveAsync(current, current with { RetiredMerchants = [.. kept] }, change, cancellationToken)) throw new SettingsConflictException();
        return SettingsView.Of(await store.GetAsync(cancellationToken));
    }
}
