namespace PayRecharge.Domain.Accounts;

/// <summary>How a client names an account.</summary>
public enum AccountReferenceKind
{
    /// <summary>By user name, also where it looks like a number.</summary>
    UserName,
    /// <summary>By user id.</summary>
    Uid,
    /// <summary>By e-mail.</summary>
    Email,
}

/// <summary>An account as a client names it.</summary>
/// <param name="Kind">What the text is.</param>
/// <param name="Text">The name, id or e-mail as sent.</param>
public readonly record struct AccountReference(AccountReferenceKind Kind, string Text);
