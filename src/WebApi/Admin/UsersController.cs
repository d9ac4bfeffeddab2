using MediatR;
using Microsoft.AspNetCore.Mvc;
using PayRecharge.Application.Accounts;
using PayRecharge.Application.Cards;

namespace PayRecharge.WebApi.Admin;

/// <summary>The accounts of buyers.</summary>
[Route("api/admin/users")]
[ProducesResponseType<ValidationProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json")]
[ProducesResponseType<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")]
[ProducesResponseType<ProblemDetails>(StatusCodes.Status409Conflict, "application/problem+json")]
public sealed class UsersController(IMediator mediator) : AdminController
{
    /// <summary>A login to issue.</summary>
    /// <param name="LifetimeSeconds">The lifetime in seconds; absent: until a newer login replaces it.</param>
    public sealed record Login(long? LifetimeSeconds = null);

    /// <summary>A kami to redeem.</summary>
    /// <param name="Code">The card key: 32 hex characters.</param>
    public sealed record Redemption(string Code)
    {
        /// <summary>Returns only the type name: a logged code could be redeemed.</summary>
        public override string ToString() => nameof(Redemption);
    }

    /// <summary>Lists accounts, 100 at most, sorted by name if a name is given, else by id.</summary>
    [HttpGet]
    public Task<IReadOnlyList<AccountView>> List([FromQuery] ListUsers filter, CancellationToken cancellationToken) => mediator.Send(filter, cancellationToken);

    /// <summary>Creates an account.</summary>
    [HttpPost]
    [ProducesResponseType<AccountView>(StatusCodes.Status201Created)]
    public async Task<IActionResult> Create(CreateUser user, CancellationToken cancellationToken)
    {
        var created = await mediator.Send(user, cancellationToken);
        return CreatedAtAction(nameof(Read), new { uid = created.Uid }, created);
    }

    /// <summary>Reads an account.</summary>
    [HttpGet("{uid:long}")]
    public Task<AccountView> Read(long uid, CancellationToken cancellationToken) => mediator.Send(new ReadUser(uid), cancellationToken);

    /// <summary>Changes an account. The ledger records every changed number.</summary>
    [HttpPatch("{uid:long}")]
    public Task<AccountView> Change(long uid, ChangeUser change, CancellationToken cancellationToken) =>
        mediator.Send(change with { Uid = uid }, cancellationToken);

    /// <summary>Issues a token, shown once. Older tokens beyond the account's devices are deleted.</summary>
    [HttpPost("{uid:long}/tokens")]
    public Task<IssuedToken> IssueToken(long uid, Login login, CancellationToken cancellationToken) =>
        mediator.Send(new IssueToken(uid, login.LifetimeSeconds), cancellationToken);

    /// <summary>Redeems a kami for the account: all of its contents, or nothing.</summary>
    [HttpPost("{uid:long}/redemptions")]
    public Task<AccountView> Redeem(long uid, Redemption redemption, CancellationToken cancellationToken) =>
        mediator.Send(new RedeemKami(uid, redemption.Code), cancellationToken);
}
