using PayRecharge.Domain.Accounts;

namespace PayRecharge.Application.Orders;

/// <summary>Finds the buyer of the current request, once for all callers.</summary>
internal sealed class Buyers(IUserAccountRepository accounts)
{
    private (AccountReference Reference, UserAccount? Account)? _found;

    public async Task<UserAccount?> FindAsync(AccountReference reference, CancellationToken cancellationToken)
    {
        if (_found is not { } found || found.Reference != reference)
            _found = found = (reference, await accounts.FindAsync(reference, cancellationToken));
        return found.Account;
    }
}
