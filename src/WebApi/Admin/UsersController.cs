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
    /// <param name="LifetimeSeconds">How long it lives, in seconds; absent: until a newer one replaces it.</param>
    public sealed record Login(long? LifetimeSeconds = null);

    /// <summary>A kami to redeem.</summary>
    /// <param name="Code">The key: 32 hex characters.</param>
    public sealed record Redemption(string Code)
    {
        /// <summary>The name alone: whoever reads the code in a log can use it.</summary>
        public override string ToString() => nameof(Redemption);
    }

    /// <summary>Lists accounts, 100 at most: sorted by name where a name is given, else by id.</summary>
    [HttpGet]
    public Task<IReadOnlyList<AccountView>> List([FromQuery] ListUsers filter, CancellationToken cancellationToken) => mediator.Send(filter, cancellationToken);

    /// <summary>Makes an account.</summary>
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

    /// <summary>Changes an account; every number that changes goes into the ledger.</summary>
    [HttpPatch("{uid:long}")]
    public Task<AccountView> Change(long uid, ChangeUser change, CancellationToken cancellationToken) =>
        mediator.Send(change with { Uid = uid }, cancellationToken);

    /// <summary>Issues a token, shown this once. Older ones beyond the account's devices end.</summary>
    [HttpPost("{uid:long}/tokens")]
    public Task<IssuedToken> IssueToken(long uid, Login login, CancellationToken cancellationToken) =>
        mediator.Send(new IssueToken(uid, login.LifetimeSeconds), cancellationToken);

    /// <summary>Redeems a kami for the account: all it carries at once, or nothing.</summary>
    [HttpPost("{uid:long}/redemptions")]
    public Task<AccountView> Redeem(long uid, Redemption redemption, CancellationToken cancellationToken) =>
        mediator.Send(new RedeemKami(uid, redemption.Code), cancellationToken);
}
