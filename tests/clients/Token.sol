// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// A token, and the ways in which a call can fail.
contract Token is ERC20 {
    constructor(uint256 supply) ERC20("Test token", "TST") {
        _mint(msg.sender, supply);
    }

    function refuse() external pure {
        revert("refused");
    }

    function overflow(uint256 value) external pure returns (uint256) {
        return value + 1;
    }
}
