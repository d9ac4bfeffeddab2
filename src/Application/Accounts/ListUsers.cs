using AutoMapper;
using MediatR;
using PayRecharge.Domain.Accounts;

namespace PayRecharge.Application.Accounts;

/// <summary>Lists at most 100 accounts, sorted by name if a name is given, else by id.</summary>
public sealed record ListUsers : IRequest<IReadOnlyList<AccountView>>
{
    /// <summary>Only accounts whose name begins with this, ignoring case.</summary>
    public string? Name { get; init; }
    /// <summary>Only the account with this e-mail, ignoring case.</summary>
    public string? Email { get; init; }
    /// <summary>The id of the last account of the previous page.</summary>
    public long? After { get; init; }
}

internal sealed class ListUsersHandler(IUserAccountRepository accounts, IMapper mapper) : IRequestHandler<ListUsers, IReadOnlyList<AccountView>>
{
    public async Task<IReadOnlyList<AccountView>> Handle(ListUsers request, CancellationToken cancellationToken) => mapper.Map<List<AccountView>>(
        request.Email is null ? await accounts.ListAsync(request.Name, request.After, 100, cancellationToken) : await WithEmailAsync(request, cancellationToken));

    private async Task<IReadOnlyList<UserAccount>> WithEmailAsync(ListUsers request, CancellationToken cancellationToken) =>
        await accounts.FindAsync(new AccountReference(AccountReferenceKind.Email, request.Email!), cancellationToken) is { } found
        && found.UserNameKey.StartsWith(UserAccount.Fold(request.Name ?? ""), StringComparison.Ordinal) && found.Uid > (request.After ?? 0) ? [found] : [];
}
