using FluentValidation;
using PayRecharge.Application.Behaviors;
using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Application.Orders;

/// <summary>The common fields of all orders.</summary>
internal interface IOrderRequest
{
    AccountReference Buyer { get; }
    string Title { get; }
    string Attach { get; }
    PaymentChannel Channel { get; }
    string Caller { get; }
}

/// <summary>
/// The checks that orders share. Their sequence is part of the legacy contract: text fields, account, amount, gateway, goods; the
/// first failed check is the answer. Texts come first: a call that can never succeed must not reveal which accounts exist.
/// </summary>
internal sealed class OrderRules(Buyers buyers, ISettingsStore store, PaymentGateways gateways, TimeProvider clock)
{
    public const int MaximumTitle = 64;
    public const int MaximumAttach = 127;

    public void BuyerMayOrder<T>(AbstractValidator<T> validator) where T : IOrderRequest
    {
        validator.RuleFor(c => c.Buyer)
            .MustAsync(async (buyer, cancel) => await buyers.FindAsync(buyer, cancel) is not null).Refusing(Refusal.UserUnknown)
            .MustAsync(async (buyer, cancel) => (await buyers.FindAsync(buyer, cancel))!.Enabled).Refusing(Refusal.AccountDisabled);
    }

    public void GatewayIsReady<T>(AbstractValidator<T> validator) where T : IOrderRequest
    {
        // Attached to a member: a rule on any other expression would be compiled for each validator.
        validator.RuleFor(c => c.Channel)
            .MustAsync(async (_, cancel) => await store.GetAsync(cancel) is { GatewayEnabled: true, Merchant: { } merchant } settings
                && gateways.Of(merchant.Gateway).NotifyUrl(settings.NotifyBaseUrl) is not null).Refusing(Refusal.GatewayNotConfigured);
    }

    public static void TextsFit<T>(AbstractValidator<T> validator) where T : IOrderRequest
    {
        validator.RuleFor(c => c.Title).Must(t => CodePoints(t) <= MaximumTitle).Refusing(Refusal.FieldInvalid);
        validator.RuleFor(c => c.Attach).Must(t => CodePoints(t) <= MaximumAttach).Refusing(Refusal.FieldInvalid);
    }

    /// <summary>Whether a price is within the limits, and the buyer's balance has room for the goods.</summary>
    /// <param name="buyer">The buyer, who exists.</param>
    /// <param name="fen">The price in fen, or null if it is malformed.</param>
    /// <param name="grant">Returns the goods; throws if the price buys nothing.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<bool> IsPayableAsync(AccountReference buyer, long? fen, Func<RechargeSettings, long, Grant> grant, CancellationToken cancellationToken)
    {
        var settings = await store.GetAsync(cancellationToken);
        if (fen is not { } price || price <= 0 || price < settings.MinimumFen || price > settings.MaximumFen) return false;
        try
        {
            // A later check refuses card time for a permanent account.
            return (await buyers.FindAsync(buyer, cancellationToken))!.WhyNot(grant(settings, price), clock.GetUtcNow()) is not Refusal.AmountInvalid;
        }
        catch (RefusedException refused) when (refused.Refusal == Refusal.AmountInvalid)
        {
            return false;
        }
    }

    private static int CodePoints(string text) => text.EnumerateRunes().Count();
}
